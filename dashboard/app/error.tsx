'use client';
/** The page shown when rendering fails outside a panel. */
import { Message } from '@/components/layout/Message';

export default function ErrorPage() {
  return (
    <Message title="Something went wrong">
      We couldn’t show this page. <a href="/">Try again</a>.
    </Message>
  );
}
