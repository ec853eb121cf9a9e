// On Cloudflare Pages: hands the API's requests to the Worker by service binding, so that pages and API have one origin
// there, too. Deployed as docs/deploy.md says.
interface PagesEnv {
  FIELDPOST: Fetcher
}

export const onRequest = ({ request, env }: { request: Request; env: PagesEnv }): Promise<Response> =>
  env.FIELDPOST.fetch(request)
