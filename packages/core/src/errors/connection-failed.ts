/** What fetch failed with, before or while its answer came. It never leaves the package: its cause may hold secrets. */
export class ConnectionFailed extends Error {}
