import type { Theme } from 'vitepress'
import DefaultTheme from 'vitepress/theme-without-fonts'
import { fixedTexts } from '../../src/site/texts.ts'
import 'look/tokens.css'
import './style.css'

const theme: Theme = {
  extends: DefaultTheme,
  enhanceApp({ app, router }) {
    app.config.globalProperties.$fixedText = (text: string) =>
      router.route.data.relativePath.startsWith('zh/') ? fixedTexts[text]?.zh : text
  },
}

export default theme
