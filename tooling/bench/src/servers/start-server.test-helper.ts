/* Says that it listens, and ends. */

process.send?.(1, () => process.exit(7))
