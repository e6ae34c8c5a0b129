/** Version of this program as reports and journals state it; a test holds it equal to package.json. */
export const TOOL_VERSION = '0.1.0';
