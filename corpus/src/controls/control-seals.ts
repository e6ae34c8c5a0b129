/**
 * Seals of the control files: what `writeControlFiles` writes, to the byte, on every machine. SHA-256 of
 * the file; of the folder, SHA-256 over `name NUL seal LF` of its files in order. A test makes the files
 * and compares. Change a marker and these change: docs/decisions/0009-controls.md says how.
 */
export const CONTROL_SEALS = {
  'control-volume.img': '26112cb6721482ed97abe3af48fcafc24e63888c368b203e0d85e9e01629300b',
  'control-specimens.json': '01a26806ed8c7a84ead1b243a8f254f861da7995d68f03a11d92b93e60062836',
  'control-list.csv': 'd7656f2eaf6c0c0c8b89a63fe655f8b61e9bb395e075ac3cf740bb3e850e4609',
  'control-near.csv': '',
  markers: '2622fe5599d4589ce6462c8172b49e1b70df9bad0e12f424fcda41e9f736e04c',
} as const;
