/* Making and ending sockets, beside the entry points that do it. */
#ifndef WSPREF_SOCKET_H
#define WSPREF_SOCKET_H

#include "endpoint.h"

/* Makes an endpoint around a lower socket, which it takes over, and a descriptor for
 * it. On success the endpoint comes with a reference. Returns 0 or the code. */
int socket_publish(const WSAPROTOCOL_INFOW *entry,
                   SOCKET lower_socket,
                   bool overlapped,
                   struct endpoint **endpoint,
                   SOCKET *s);

/* Closes a descriptor. Pending overlapped operations are aborted; `tell` says whether
 * the client is told. Returns 0 or WSAENOTSOCK. */
int socket_close(SOCKET s, bool tell);

/* Ends a registry_hold; closes the endpoint if no descriptor is left. */
void socket_unhold(struct endpoint *endpoint);

#endif
