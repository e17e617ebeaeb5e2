/* The connections that a case about packets has named, and whether they are at rest. */
#ifndef WSPCHECK_WIRE_CONNECTION_H
#define WSPCHECK_WIRE_CONNECTION_H

#include "wire_case.h"

/* Both ends as the system's sockets know them. */
struct connection {
    struct sockaddr_storage local; /* the provider's side */
    struct sockaddr_storage remote;
};

/* A new case begins: none is named. */
void wire_connections_reset(void);

/* From now on this is the connection of its peer; it can be asked about when the system
 * has forgotten it, as after a reset. */
const struct connection *wire_connection_named(enum wire_role role,
                                               const struct peer *peer);

#endif
