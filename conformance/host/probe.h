/* What a provider shows of an entry before any case is run. */
#ifndef WSPCHECK_PROBE_H
#define WSPCHECK_PROBE_H

#include "entry.h"
#include "socket_handle.h"

struct probe {
    int startup_error;         /* of WSPStartup; the rest is empty if it is not 0 */
    char wrong[1024];          /* sentence about empty slots, or a broken convention */
    bool has_socket;           /* WSPSocket made one of its family, type, protocol */
    int socket_error;          /* if not: the error that it stored */
    enum handle_model handles; /* of the socket */
    bool told;                 /* whether the socket told about its protocol */
    WSAPROTOCOL_INFOW info;    /* what it told (SO_PROTOCOL_INFO) */
    int cleanup_error;         /* of WSPCleanup */
};

/* Starts the entry, makes a socket, asks it for its protocol, and cleans up. What
 * WSPStartup told of itself is in entry->data. The DLL has to be loaded. */
void probe_entry(struct entry *entry, struct probe *probe);

#endif
