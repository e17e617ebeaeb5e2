/* Answers the calls that reach a listening TCP socket, CR by CC, on a thread of its
 * own: a provider's WSPConnect waits for the answer. */
#ifndef WSPCHECK_ISO_SERVER_H
#define WSPCHECK_ISO_SERVER_H

#include "iso_end.h"

struct iso_server;

/* `listener` is borrowed, nonblocking, and not to be closed before the server has
 * stopped. NULL: no thread could be made. */
struct iso_server *iso_server_start(SOCKET listener);
/* A connection that stands, owned by the caller; NULL: none within `ms`. */
struct iso_end *iso_server_take(struct iso_server *server, unsigned ms);
/* Ends it; connections that nobody took are closed. */
void iso_server_stop(struct iso_server *server);

#endif
