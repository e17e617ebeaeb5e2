/* What receptions share with the extension functions. */
#ifndef WSPREF_RECEIVE_H
#define WSPREF_RECEIVE_H

#include "endpoint.h"

struct operation;

/* 0 or WSAEFAULT for a client's array of buffers. */
int receive_check_buffers(const WSABUF *buffers, DWORD count);

/* The attempt of an overlapped reception. */
int receive_attempt(struct endpoint *endpoint, struct operation *operation);

/* Starts an overlapped reception and takes the operation over. 0: it is finished, the
 * client was told and *transfer holds the result; WSA_IO_PENDING; another code. */
int receive_start(struct endpoint *endpoint,
                  struct operation *operation,
                  struct transfer *transfer);

/* A reception was called, with whatever result: its events are enabled again. */
void receive_enable_events(struct endpoint *endpoint);

#endif
