/** First bytes of formats that are unpacked in the sandbox, as hex. */
export const SEVEN_ZIP_MARK = '377abcaf271c';
/** `Rar!` 1A 07 00: versions 1.5 to 4; `Rar!` 1A 07 01 00: version 5. */
export const RAR4_MARK = '526172211a0700';
export const RAR5_MARK = '526172211a070100';
