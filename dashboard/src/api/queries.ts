// What several screens ask for.
import { useQuery } from '@tanstack/react-query'
import { api, ask } from './client.ts'

export const useForms = () => useQuery({ queryKey: ['forms'], queryFn: () => ask(api.forms.$get({ query: {} })) })

export const useProjects = () => useQuery({ queryKey: ['projects'], queryFn: () => ask(api.projects.$get()) })

/** The form with the definition that is live, or else its draft; nothing while no form is chosen. */
export const useForm = (id: string | undefined) =>
  useQuery({
    queryKey: ['form', id],
    queryFn: () => ask(api.forms[':id'].$get({ param: { id: id ?? '' } })),
    enabled: id !== undefined && id !== '',
  })

/** For admins: others may not read the list. */
export const useUsers = (enabled: boolean) =>
  useQuery({ queryKey: ['users'], queryFn: () => ask(api.users.$get()), enabled })

/** The paired phones; they come and go by themselves. */
export const useDevices = () =>
  useQuery({
    queryKey: ['devices'],
    queryFn: () => ask(api.settings.mobile.devices.$get()),
    refetchInterval: 30_000,
  })
