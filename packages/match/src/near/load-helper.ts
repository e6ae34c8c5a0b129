/** A thread that helps to load the sections of a set. */
import { workerData } from 'node:worker_threads';
import { helpLoading, type LoadWork } from './load-sections.ts';

helpLoading(workerData as LoadWork);
