// What is left when a screen breaks: what happened, and a way on.
import { Component, type ComponentChildren } from 'preact'
import { Failure } from '../ui/states.tsx'

interface Props {
  children: ComponentChildren
}

export class ErrorBoundary extends Component<Props, { error: Error | null }> {
  override state: { error: Error | null } = { error: null }

  static override getDerivedStateFromError(error: Error) {
    return { error }
  }

  override render() {
    const { error } = this.state
    if (!error) return this.props.children
    // A new version may have replaced the files that this page wanted next: then a fresh start helps, too.
    return <Failure error={error} onRetry={() => location.reload()} />
  }
}
