// Removes the built files of the package in the current folder: the compiler leaves the files of deleted sources.
import { rmSync } from 'node:fs'

rmSync('dist', { recursive: true, force: true })
