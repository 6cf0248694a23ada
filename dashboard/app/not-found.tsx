/** The 404 page. */
import { Message } from '@/components/layout/Message';

export const metadata = { title: 'Not found' };

export default function NotFound() {
  return (
    <Message title="We can’t find that page">
      No listener has this address. <a href="/">Go to the start page</a> and choose one from the menu.
    </Message>
  );
}
