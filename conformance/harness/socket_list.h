/* The provider's sockets that the running case has opened and not closed. */
#ifndef WSPCHECK_SOCKET_LIST_H
#define WSPCHECK_SOCKET_LIST_H

#include "spi_case.h"

void socket_list_opened(SOCKET s);
void socket_list_closed(SOCKET s);

/* Its reception has been ended by a call: it need not become readable any more. */
void socket_list_deafened(SOCKET s);
bool socket_list_is_deaf(SOCKET s);

/* Its SO_LINGER was changed: a close could block. */
void socket_list_lingers(SOCKET s);

/* Closes all through the provider, last one first; a refused close is a finding. */
void socket_list_close_all(struct spi_test *t);

void socket_list_reset(void);

#endif
