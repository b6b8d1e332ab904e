import { describe, expect, it } from 'vitest'
import { searchSections } from './search-sections.ts'

const link = '<a class="header-anchor" href="#x">&ZeroWidthSpace;</a>'
const html = `<h1 id="one">One ${link}</h1><p>Text of <code>a&lt;b</code></p>
  <h2 id="two">Two ${link}</h2><div><button title="Copy"></button><span class="lang">ts</span><pre>const <span>x</span></pre></div>
  <h4 id="three">Three ${link}</h4><h2 id="four">Four ${link}</h2><p>End</p>`

describe('searchSections', () => {
  it('splits a page at its headings', () => {
    expect(searchSections('/site/pages/guides/a.md', html)).toEqual([
      { anchor: '', titles: ['One'], text: 'Text of a<b' },
      { anchor: 'two', titles: ['One', 'Two'], text: 'const x' },
      { anchor: 'three', titles: ['One', 'Two', 'Three'], text: '' },
      { anchor: 'four', titles: ['One', 'Four'], text: 'End' },
    ])
  })

  it('returns a page of the API reference as one section', () => {
    const page = html.replace('One', 'Function: one()')
    expect(searchSections('/site/pages/api/core/functions/one.md', page)).toEqual([
      { anchor: '', titles: ['@pds/core', 'one()'], text: 'Text of a<b Two const x Three Four End' },
    ])
  })
})
