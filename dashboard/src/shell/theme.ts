// Light, dark, or as the system is.
export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const CHOICE = 'fieldpost.theme'

export function currentTheme(): Theme {
  const chosen = localStorage.getItem(CHOICE)
  return THEMES.find((theme) => theme === chosen) ?? 'system'
}

export function startTheme(): void {
  show(currentTheme())
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(CHOICE, theme)
  show(theme)
}

function show(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}
