/* What WSPSend shares with ConnectEx. */
#ifndef WSPREF_SEND_H
#define WSPREF_SEND_H

#include "endpoint.h"

struct operation;

/* The attempt of an overlapped sending. */
int send_attempt(struct endpoint *endpoint, struct operation *operation);

#endif
