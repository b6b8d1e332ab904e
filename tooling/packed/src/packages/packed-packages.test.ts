import { existsSync } from 'node:fs'
import { expect, inject, it } from 'vitest'

it('each package is packed and installed', () => {
  const { tarballs, installed } = inject('packed')
  for (const [name, file] of Object.entries(tarballs)) {
    expect({ name, packed: existsSync(file) }).toEqual({ name, packed: true })
    expect({ name, installed: existsSync(`${installed}/node_modules/${name}/package.json`) }).toEqual({
      name,
      installed: true,
    })
  }
})
