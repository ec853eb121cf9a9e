// The colours of the page for what is drawn by scripts, which cannot read custom properties by themselves.

/** `--leaf` of styles/base.css as the theme has it now, as a colour that any canvas understands. */
export function colourOf(variable: string, within: HTMLElement): string {
  // A custom property is text; only a colour that is used is worked out.
  const probe = document.createElement('span')
  probe.style.color = `var(${variable})`
  within.appendChild(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

/** Calls `onChange` when light becomes dark, or dark light. Returns what ends that. */
export function watchTheme(onChange: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)')
  const chosen = new MutationObserver(onChange)
  system.addEventListener('change', onChange)
  chosen.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  return () => {
    system.removeEventListener('change', onChange)
    chosen.disconnect()
  }
}
