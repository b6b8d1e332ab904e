/** The languages of the site, by the folder of their pages. */
export type Language = 'root' | 'zh'

/** The texts of the navigation. */
export interface Texts {
  start: string
  web: string
  servers: string
  apps: string
  scale: string
  tests: string
  operation: string
  moving: string
  packages: string
  errors: string
  guides: string
  more: string
  api: string
  table: string
  copy: string
  permalink: string
}

export const texts: Record<Language, Texts> = {
  root: {
    start: 'Start',
    web: 'Web pages',
    servers: 'Servers',
    apps: 'Applications and terminal',
    scale: 'Stores and scale',
    tests: 'Testing',
    operation: 'Operation',
    moving: 'Moving from the vendor’s SDK',
    packages: 'Packages',
    errors: 'Errors by code',
    guides: 'Guides',
    more: 'Project',
    api: 'API',
    table: 'Table',
    copy: 'Copy the code',
    permalink: 'Link to this section',
  },
  zh: {
    start: '入门',
    web: '网页',
    servers: '服务器',
    apps: '应用与终端',
    scale: '存储与规模',
    tests: '测试',
    operation: '运维',
    moving: '从官方 SDK 迁移',
    packages: '软件包',
    errors: '错误码',
    guides: '指南',
    more: '项目',
    api: 'API（英文）',
    table: '表格',
    copy: '复制代码',
    permalink: '本节链接',
  },
}

/** The texts of VitePress that it has in English only, with the component that has each of them. */
export const fixedTexts: Record<string, { component: string; zh: string }> = {
  Pager: { component: 'VPDocFooter', zh: '上一页和下一页' },
  'extra navigation': { component: 'VPNavBarExtra', zh: '更多导航' },
  'mobile navigation': { component: 'VPNavBarHamburger', zh: '移动端导航' },
  'Main Navigation': { component: 'VPNavBarMenu', zh: '主导航' },
  'Sidebar Navigation': { component: 'VPSidebar', zh: '侧边栏导航' },
  'toggle section': { component: 'VPSidebarItem', zh: '展开或折叠' },
}

/** The texts of VitePress that its settings have, for pages in Chinese. */
export const interfaceTexts = {
  outline: { label: '本页目录', level: [2, 3] as [number, number] },
  docFooter: { prev: '上一页', next: '下一页' },
  darkModeSwitchLabel: '外观',
  lightModeSwitchTitle: '切换到浅色模式',
  darkModeSwitchTitle: '切换到深色模式',
  sidebarMenuLabel: '菜单',
  returnToTopLabel: '返回顶部',
  langMenuLabel: '切换语言',
  skipToContentLabel: '跳到正文',
  notFound: {
    title: '页面不存在',
    quote: '地址可能有误，也可能页面已移动。',
    linkLabel: '前往首页',
    linkText: '返回首页',
  },
}

/** The texts of the search box in Chinese. */
export const searchTexts = {
  button: { buttonText: '搜索', buttonAriaLabel: '搜索文档' },
  modal: {
    displayDetails: '显示详细列表',
    resetButtonTitle: '清除查询',
    backButtonTitle: '关闭搜索',
    noResultsText: '没有结果：',
    footer: {
      selectText: '打开',
      selectKeyAriaLabel: '回车键',
      navigateText: '选择',
      navigateUpKeyAriaLabel: '上箭头',
      navigateDownKeyAriaLabel: '下箭头',
      closeText: '关闭',
      closeKeyAriaLabel: 'Esc 键',
    },
  },
}
