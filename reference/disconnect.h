/* What WSPShutdown shares with DisconnectEx. */
#ifndef WSPREF_DISCONNECT_H
#define WSPREF_DISCONNECT_H

#include "endpoint.h"

/* Ends one direction or both (SD_). Returns 0 or the code. */
int disconnect_shut_down(struct endpoint *endpoint, int how);

#endif
