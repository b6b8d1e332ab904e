// Written by tooling/look/write-tokens.mjs.

/** The logo as a `data:` URL. */
export const logo: string =
  "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='8' fill='%232456c8'/><path d='M16 4.6l9.9 5.7v4.6M25.9 21.7L16 27.4l-3.95-2.3M6.1 21.7V10.3L10.05 8' fill='none' stroke='%23fff' stroke-width='3.6' stroke-linecap='round' stroke-linejoin='round'/><circle cx='16' cy='16' r='4' fill='%23fff'/></svg>"
