/* The ways in which a client learns that the circuit is closed, for the cases of this
 * folder. Each is about a graceful close that has begun and ends the case as `blocked`
 * if that is not told in its way: other functions' pages are behind it. */
#ifndef WSPCHECK_RECV_DISCONNECT_NOTICE_H
#define WSPCHECK_RECV_DISCONNECT_NOTICE_H

#include "spi_case.h"

typedef void learn(struct spi_test *t, SOCKET s);

/* FD_CLOSE, by event and by window message. */
learn learn_by_event;
learn learn_by_message;
/* A zero return, or WSAEDISCON where messages have bounds. */
learn learn_by_receive;
/* The socket is readable. */
learn learn_by_select;

#endif
