'use client';
/** The age of an instant: '3 hours ago'. It stays true while the page is open. */
import { useEffect, useState } from 'react';
import { ago, MINUTE_MS } from '@/lib/format';

export function Age({ of }: { of: Date }) {
  const [now, setNow] = useState(() => new Date());

  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), MINUTE_MS);
    return () => clearInterval(timer);
  }, []);

  // lib/page_server.ts writes the text again when it sends a kept page, so `data-age` must be the last attribute.
  return (
    <time suppressHydrationWarning dateTime={of.toISOString()} data-age="">
      {ago(of, now)}
    </time>
  );
}
