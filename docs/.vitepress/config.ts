import path from 'node:path'
import { type DefaultTheme, defineConfig } from 'vitepress'
import { markdownOptions } from '../src/site/markdown.ts'
import { apiSidebar, navigation, sidebar } from '../src/site/navigation.ts'
import { searchSections } from '../src/site/search-sections.ts'
import { pageDocuments, stagePages } from '../src/site/stage-pages.ts'
import { interfaceTexts, searchTexts } from '../src/site/texts.ts'
import { tokenize } from '../src/site/tokenize.ts'
import { translateTheme } from '../src/site/translate-theme.ts'

const folder = path.resolve(import.meta.dirname)
const pages = path.join(folder, 'pages')
stagePages(pages)

const search: NonNullable<DefaultTheme.Config['search']> = {
  provider: 'local',
  options: {
    miniSearch: {
      _splitIntoSections: searchSections,
      options: { tokenize },
      searchOptions: { fuzzy: 0.1, prefix: true, boost: { title: 4, text: 2, titles: 1 } },
    },
    locales: { zh: { translations: searchTexts } },
  },
}

export default defineConfig({
  srcDir: '.vitepress/pages',
  cleanUrls: true,
  // The texts of the navigation are in one file that all pages load.
  metaChunk: true,
  title: 'PDS token SDK',
  description: 'Access tokens for Alibaba Cloud Drive and Photo Service (PDS)',
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: '/logo.svg' }]],
  markdown: markdownOptions(pageDocuments()),
  themeConfig: { logo: { src: '/logo.svg', alt: '' }, search },
  locales: {
    root: {
      label: 'English',
      lang: 'en',
      themeConfig: {
        nav: navigation('root'),
        sidebar: { '/': sidebar('root'), '/api/': apiSidebar() },
        outline: { level: [2, 3] },
      },
    },
    zh: {
      label: '简体中文',
      lang: 'zh-CN',
      link: '/zh/',
      title: 'PDS 令牌 SDK',
      description: '阿里云网盘与相册服务（PDS）的访问令牌',
      themeConfig: { nav: navigation('zh'), sidebar: { '/zh/': sidebar('zh') }, ...interfaceTexts },
    },
  },
  transformPageData: ({ relativePath, frontmatter }) => {
    if (!/^(zh\/)?index\.md$/.test(relativePath)) return undefined
    return {
      frontmatter: {
        ...frontmatter,
        pageClass: 'home',
        sidebar: false,
        aside: false,
        prev: false,
        next: false,
      },
    }
  },
  vite: {
    plugins: [translateTheme()],
    resolve: {
      alias: [{ find: /^.*\/composables\/langs$/, replacement: path.join(folder, 'theme/use-langs.ts') }],
    },
    // The theme and the search index are larger than the limit of Vite. Pages load the index when a search begins.
    build: { chunkSizeWarningLimit: 4000 },
  },
})
