/* The far end: sockets of the system's Winsock, never of the provider. */
#ifndef WSPCHECK_PEER_H
#define WSPCHECK_PEER_H

#include "spi_case.h"

/* The addresses that this worker binds and connects to; false: not an address. */
bool peer_open(const char *address4, const char *address6);

/* Whether there are peers for this entry's family and type; else a reason. */
bool peer_speaks(const WSAPROTOCOL_INFOW *entry, const char **why);

/* A new peer with a nonblocking socket, bound to the worker's address and a free port;
 * listening, too, if `backlog` is not negative. */
struct peer *peer_new(struct spi_test *t, int backlog);
/* A peer for a socket that was accepted from `listener`. */
struct peer *peer_accepted(struct spi_test *t, struct peer *listener);

/* Starts to connect; stream peers may still be connecting afterwards. */
void peer_connects_to(struct spi_test *t,
                      struct peer *peer,
                      const struct sockaddr *address,
                      int length);
/* From now on somebody takes what connects to the listening peer; where that is the
 * system's affair nothing needs to be done. */
void peer_serves(struct peer *listener);
/* Waits until the connection stands; false: it does not within `ms`. */
bool peer_is_connected(struct peer *peer, unsigned ms);

/* The address of `family` for what is this address to the system. */
void transport_address(int family,
                       const struct sockaddr *system,
                       struct sockaddr_storage *address,
                       int *length);

/* Closes its socket, without a word in the trace. */
void peer_drop(struct peer *peer);

/* Closes all peers of the case. */
void peers_release(void);

#endif
