/** The text of a category map for the made-up lists, confirmed by a person who does not exist. */
export function demoCategoryMap(): string {
  return `${JSON.stringify(
    {
      sourceId: 'Demo list',
      locale: 'UK',
      version: '1',
      entries: { 1: { category: 'A', basis: 'trusted' }, 2: { category: 'B', basis: 'indicative' }, 3: { category: 'C', basis: 'indicative' } },
      importedBy: 'Sam Example',
      confirmedBy: 'Alex Example',
      confirmedAt: '2026-01-01T10:00:00Z',
    },
    null,
    2,
  )}\n`;
}
