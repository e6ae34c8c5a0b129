/** Exit codes of every command; scripts rely on them. */
export const EXIT = { done: 0, fault: 1, refused: 2, knownMaterial: 10, needsExamination: 20, notFinished: 30 } as const;
