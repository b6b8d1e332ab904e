// Removes what was built of the package whose script this is: the compiler leaves the files of sources that are gone.
import { rmSync } from 'node:fs'

rmSync('dist', { recursive: true, force: true })
