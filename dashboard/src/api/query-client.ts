// The cache of what the server said. Everything in it belongs to one session and goes when that ends.
import { QueryClient } from '@tanstack/react-query'
import { ApiError } from './client.ts'

/** Another try helps when the network or the server stumbled, not when the request was refused. */
const mayRetry = (failures: number, error: Error): boolean =>
  failures < 2 && (error instanceof ApiError ? error.status >= 500 : error instanceof TypeError)

export const queryClient = new QueryClient({
  defaultOptions: { queries: { staleTime: 10_000, retry: mayRetry }, mutations: { retry: false } },
})
