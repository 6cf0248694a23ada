/** The HTML document around every page. */
import '@fontsource-variable/inter/opsz.css';
import '@fontsource/instrument-serif/400.css';
import './globals.css';
import type { Metadata, Viewport } from 'next';
import { connection } from 'next/server';
import type { ReactNode } from 'react';

export const metadata: Metadata = {
  title: { default: 'Listening', template: '%s | Listening' },
  description: 'What you listened to, when and how often.',
  robots: { index: false, follow: false },
};

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f6f2ec' },
    { media: '(prefers-color-scheme: dark)', color: '#100e0c' },
  ],
};

export default async function Layout({ children }: { children: ReactNode }) {
  await connection(); // Render each page per request: one rendered at build time has no nonce for its scripts.
  return (
    <html lang="en-GB">
      <body>{children}</body>
    </html>
  );
}
