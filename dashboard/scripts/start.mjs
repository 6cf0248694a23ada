/**
 * Starts the built dashboard. Next's own server reads PORT and HOSTNAME, and shells set HOSTNAME to the machine's name:
 * here the port is DASHBOARD_PORT and the address DASHBOARD_HOST, loopback unless told otherwise.
 */
const { DASHBOARD_DATABASE_URL, DASHBOARD_HOST = '127.0.0.1', DASHBOARD_PORT = '3000' } = process.env;

function refuse(sentence) {
  console.error(sentence);
  process.exit(1);
}

if (!/^postgres(ql)?:\/\//.test(DASHBOARD_DATABASE_URL ?? ''))
  refuse('DASHBOARD_DATABASE_URL is not set: give it the URL (postgresql://...) of the database to show.');
if (!/^\d+$/.test(DASHBOARD_PORT) || Number(DASHBOARD_PORT) > 65535)
  refuse('DASHBOARD_PORT is not a port: give it a number from 1 to 65535.');

process.env.PORT = DASHBOARD_PORT;
process.env.HOSTNAME = DASHBOARD_HOST;
process.env.NEXT_TELEMETRY_DISABLED = '1';

await import('./server.js');
