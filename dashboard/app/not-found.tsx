/** 404: an address that names nobody. */
import { Message } from '@/components/layout/Message';

export const metadata = { title: 'Not found' };

export default function NotFound() {
  return (
    <Message title="Nobody here by that name">
      No listener, or no page, has this address. <a href="/">Go to the first listener</a> and choose one
      there.
    </Message>
  );
}
