// The few pictures of the dashboard, drawn in the colour of the text beside them. Never the only carrier of a meaning.
const PATHS: Record<string, string> = {
  add: 'M12 5v14M5 12h14',
  alert: 'M12 4 2.5 20h19zM12 10v4M12 17v.5',
  archive: 'M4 7h16v13H4zM3 4h18v3H3zM9 11h6',
  back: 'M15 5l-7 7 7 7',
  chart: 'M4 20V4M4 20h16M8 16v-5M12 16V8M16 16v-3',
  check: 'M5 12.5 10 17 19 7',
  close: 'M6 6l12 12M18 6 6 18',
  columns: 'M4 5h16v14H4zM10 5v14M15 5v14',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  device: 'M7 3h10v18H7zM11 18h2',
  down: 'M12 5v14M6 13l6 6 6-6',
  download: 'M12 4v11M7 11l5 5 5-5M4 20h16',
  forms: 'M6 3h12v18H6zM9 8h6M9 12h6M9 16h4',
  gear: 'M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M18.4 5.6l-2.2 2.2M7.8 16.2l-2.2 2.2',
  hook: 'M12 4a3 3 0 1 1-2 5.2L7 14a3 3 0 1 0 2 2h6M15 16a3 3 0 1 0 1-3l-3-5',
  home: 'M4 11l8-7 8 7v9h-5v-6H9v6H4z',
  in: 'M4 12h13M11 6l6 6-6 6M20 5v14',
  key: 'M15 5a4 4 0 1 1-3.5 6L5 17.5V20h3v-2h2v-2h2l1.5-1.5',
  list: 'M8 6h12M8 12h12M8 18h12M4 6h.5M4 12h.5M4 18h.5',
  log: 'M5 4h14v16H5zM8 8h8M8 12h8M8 16h5',
  map: 'M9 4 3 6v14l6-2 6 2 6-2V4l-6 2zM9 4v14M15 6v14',
  menu: 'M4 6h16M4 12h16M4 18h16',
  out: 'M20 12H7M13 6l-6 6 6 6M4 5v14',
  people:
    'M9 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6M3 20v-2a4 4 0 0 1 4-4h4a4 4 0 0 1 4 4v2M16 5.2a3 3 0 0 1 0 5.6M18 14.5a4 4 0 0 1 3 3.5v2',
  person: 'M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8M4 21v-1a5 5 0 0 1 5-5h6a5 5 0 0 1 5 5v1',
  project: 'M3 6h7l2 2h9v11H3z',
  search: 'M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13M15.5 15.5 21 21',
  trash: 'M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13M10 11v6M14 11v6',
  up: 'M12 19V5M6 11l6-6 6 6',
}

export const Icon = ({ name }: { name: string }) => (
  <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d={PATHS[name] ?? ''} />
  </svg>
)
