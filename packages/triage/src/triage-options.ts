import type { SearchContext } from './ranking/search-context.ts';
import type { UnitKeys } from '@kerbside/ledger';
import type { SetKey } from '@kerbside/match';
import type { ControlResult } from './controls/control-result.ts';
import type { OnRunEvent } from './events.ts';
import type { ManifestWish } from './manifest/keep-manifest.ts';
import type { Profile } from './profile.ts';
import type { ReplayedReads } from './replayed-reads.ts';
import type { Report } from './report-types.ts';
import type { RunContext } from './run-context.ts';
import type { SurveyTarget } from './survey/parse-until.ts';
import type { Survey } from './survey/survey.ts';
import type { SurveyPlanFacts } from './survey/survey-options.ts';

export interface TriageOptions {
  /** Device, image, first segment, or folder. */
  readonly sourcePath: string;
  /** Compiled sets and block sets. */
  readonly setPaths: readonly string[];
  /** Keys that open the block sets. */
  readonly setKeys?: readonly SetKey[];
  /** Made when missing; a folder of the same run is taken up again. */
  readonly outFolder: string;
  /** `known` without it. */
  readonly profile?: Profile;
  /** What the survey is to reach; to the end without it, and 20 MiB at 99 % for `screen`. */
  readonly until?: SurveyTarget;
  /** Stops after so many minutes, truthfully, as a signal would. */
  readonly minutes?: number;
  /** Leaves a manifest for later sets; needs the signer's whole keys. */
  readonly manifest?: ManifestWish;
  /** Reads the control volume; on failure no device is read. Left out only by callers of the library. */
  readonly controls?: (run: ControlledRun) => Promise<ControlResult>;
  /** Signs the certificate; without it the run leaves none. */
  readonly signer?: UnitKeys;
  /** 32 bytes, hex, from which every place that the survey reads is drawn; drawn and secret without it. */
  readonly surveySeed?: string;
  /** Plan of the survey to be carried out again instead of one drawn and measured here. */
  readonly surveyPlan?: SurveyPlanFacts;
  /** Reads of an earlier run that alone are to be made (certificate/replay-certificate.ts). */
  readonly replay?: ReplayedReads;
  /** Passwords of backups on the source that the officer was given. They are used and kept nowhere. */
  readonly passwords?: readonly string[];
  /** False leaves pictures and video undecoded whatever the profile says; archives are opened all the same. */
  readonly decodesMedia?: boolean;
  /** False leaves video undecoded where pictures are decoded. */
  readonly decodesVideo?: boolean;
  /** What the search knows beside the exhibit: cameras, premises; for the ranking. */
  readonly searchContext?: SearchContext;
  /** Folder of a force's own model, which scores pictures for the ranking. */
  readonly modelFolder?: string;
  /** Counts faces in pictures, for the ranking: about a tenth of a second a picture. */
  readonly countsFaces?: boolean;
  /** Receives what the run keeps in memory, when it has ended. */
  readonly onKept?: (kept: { readonly context: RunContext; readonly survey: Survey | null }) => void;
  readonly onEvent?: OnRunEvent;
  /** Aborting stops soon and gives a truthful partial report. */
  readonly signal?: AbortSignal;
  /** When the sets must be in date, where that is not now: at the time of the run that is made again. */
  readonly setsUsedAt?: Date;
  /** Wall clock for the report's times, for tests. */
  readonly now?: () => Date;
  readonly workers?: number;
  /** Why a writable block device may be read all the same: a hardware write blocker, in words. Goes into the report. */
  readonly declaredWriteBlocker?: string;
}

/** What the controls are told of the run that they come before. */
export interface ControlledRun {
  /** Why the run decodes no picture, in words; null where it does. */
  readonly whyNothingIsDecoded: string | null;
}

export interface RunResult {
  readonly exitCode: 0 | 10 | 20 | 30;
  readonly report: Report;
  readonly reportPath: string;
  readonly journalPath: string;
  readonly resumed: boolean;
}
