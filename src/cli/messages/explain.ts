/** Words of explain's own lines; the explanations themselves are loaded only when it runs. */
export const headings = {
  meaning: {zh: '含义', en: 'meaning'},
  cause: {zh: '原因', en: 'cause'},
  remedy: {zh: '处理', en: 'do'},
  who: {zh: '谁处理', en: 'who'},
} as const;
