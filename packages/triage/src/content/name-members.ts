import { displayName, type Member } from '@kerbside/evidence';

/**
 * Display paths, one a member: a second one of the same name is told apart by its number, which no name from evidence can be shown as.
 * @param prefix path of the container, with the step that leads into it
 */
export function memberNamer(prefix: string): (member: Pick<Member, 'names'>) => string {
  const met = new Map<string, number>();
  return ({ names }) => {
    const path = `${prefix}/${names.map(displayName).join('/')}`;
    const count = (met.get(path) ?? 0) + 1;
    met.set(path, count);
    return count === 1 ? path : `${path}\\[${count}]`;
  };
}
