/**
 * Seals of the control files: what `writeControlFiles` writes, to the byte, on every machine. SHA-256 of
 * the file; of the folder, SHA-256 over `name NUL seal LF` of its files in order. A test makes the files
 * and compares. Change a marker and these change: docs/decisions/0009-controls.md says how.
 */
export const CONTROL_SEALS = {
  'control-volume.img': 'ce9c02343b8059d3a7b00c2226780bba2459180dbc622beb25ac64c06581022f',
  'control-specimens.json': 'ffabef41ac58b51d6600b1606070f4f1e45f54caf855f249559d2168efc4f660',
  'control-list.csv': 'd7656f2eaf6c0c0c8b89a63fe655f8b61e9bb395e075ac3cf740bb3e850e4609',
  'control-near.csv': '8133856b09ef3fb89b3c08f4bcfdc4ae94f00e2990228e61d4bdcead2c1bb12a',
  markers: '2622fe5599d4589ce6462c8172b49e1b70df9bad0e12f424fcda41e9f736e04c',
} as const;
