/* TCP sockets of the system (Winsock's or the native ones) for the ISO transport peer.
 * Nothing here waits beyond its deadline, a moment of isotp_now_ms. */
#ifndef WSPCHECK_ISOTP_SOCKET_H
#define WSPCHECK_ISOTP_SOCKET_H

#include "isotp_endpoint.h"
#include "isotp_result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* On Windows a SOCKET. */
typedef intptr_t isotp_socket;

#define ISOTP_NO_SOCKET ((isotp_socket)-1)

/* The system's sockets are usable between these (WSAStartup, WSACleanup). */
bool isotp_network_start(void);
void isotp_network_stop(void);

/* Milliseconds of a clock that never goes back. */
uint64_t isotp_now_ms(void);

/* All sockets that these give are nonblocking and owned by the caller. Port 0 becomes a
 * free port, which is written back. */
enum isotp_result isotp_socket_listen(struct isotp_endpoint *endpoint,
                                      int backlog,
                                      isotp_socket *listener,
                                      struct isotp_why *why);
enum isotp_result isotp_socket_accept(isotp_socket listener,
                                      uint64_t deadline,
                                      isotp_socket *accepted,
                                      struct isotp_why *why);
/* `from`: the address to bind to before; NULL: the system's choice. */
enum isotp_result isotp_socket_connect(const struct isotp_endpoint *from,
                                       const struct isotp_endpoint *to,
                                       uint64_t deadline,
                                       isotp_socket *connected,
                                       struct isotp_why *why);

/* The socket's own address and its far end's. */
enum isotp_result isotp_socket_name(isotp_socket s,
                                    struct isotp_endpoint *endpoint,
                                    struct isotp_why *why);
enum isotp_result isotp_socket_far_name(isotp_socket s,
                                        struct isotp_endpoint *endpoint,
                                        struct isotp_why *why);

/* Sends until all is taken; *taken counts also where that fails. */
enum isotp_result isotp_socket_send(isotp_socket s,
                                    const void *data,
                                    size_t size,
                                    uint64_t deadline,
                                    size_t *taken,
                                    struct isotp_why *why);
/* Takes up to `size` octets, and waits if there are none. */
enum isotp_result isotp_socket_receive(isotp_socket s,
                                       void *buffer,
                                       size_t size,
                                       uint64_t deadline,
                                       size_t *received,
                                       struct isotp_why *why);

/* Sends a FIN; reception goes on. */
enum isotp_result isotp_socket_finish(isotp_socket s, struct isotp_why *why);
/* Closes as the system does; and with a reset. */
void isotp_socket_close(isotp_socket s);
void isotp_socket_reset(isotp_socket s);

#endif
