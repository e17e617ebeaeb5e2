/* Whether a socket still receives, for the cases of this folder. */
#ifndef WSPCHECK_RECV_DISCONNECT_RECEPTION_H
#define WSPCHECK_RECV_DISCONNECT_RECEPTION_H

#include "spi_case.h"

/* Expects that exactly these bytes can be received on s, now or when they arrive. They
 * fit into one WSPRecv. */
void expect_received(struct spi_test *t, SOCKET s, const void *data, size_t size);

/* Lets the peer send and expects that s receives it. */
void expect_reception(struct spi_test *t, SOCKET s, struct peer *peer);

/* Expects that s becomes readable by WSPSelect within `seconds`; gives whether it did.
 * WSPRecv does not block the case then, whatever the provider has broken. */
bool expect_readable(struct spi_test *t, SOCKET s, long seconds);

/* Expects that s tells the graceful end of the connection, now or when it arrives: by a
 * zero return, or by WSAEDISCON where messages have bounds. */
void expect_end(struct spi_test *t, SOCKET s);
/* The same as set-up: the client has seen the end. */
void see_end(struct spi_test *t, SOCKET s);

/* Whether the entry keeps the bounds of messages: then an empty one is legal, and no
 * sign of the end. */
bool keeps_messages(const struct spi_test *t);

/* Fixtures: a connected pair, s nonblocking; a connected pair, data queued on s. */
void nonblocking_pair(struct spi_test *t);
void data_queued(struct spi_test *t);

/* Lets t->peer send some data and returns when they are queued on t->s; expects exactly
 * these to be received. */
void queue_data(struct spi_test *t);
void expect_queued_data(struct spi_test *t);

/* What the page that lets TCP/IP take a buffer is called in verdicts. */
#define TAKEN_BY_API_PAGE "WSARecvDisconnect (TCP/IP need not answer WSAENOPROTOOPT)"

#endif
