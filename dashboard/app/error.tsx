'use client';
/** What is left when a page breaks in a way its panels did not catch. */
import { Message } from '@/components/layout/Message';

export default function Broken() {
  return (
    <Message title="This page broke">
      The server's log says why. <a href="/">Load it again</a>.
    </Message>
  );
}
