/* What TCP and UDP have in common: both are sockets of the lower layer. */
#ifndef WSPREF_INET_H
#define WSPREF_INET_H

#include "transport.h"

int inet_open(const WSAPROTOCOL_INFOW *entry, SOCKET *s);
int inet_local_name(struct endpoint *endpoint, struct sockaddr *name, int *length);
int inet_peer_name(struct endpoint *endpoint, struct sockaddr *name, int *length);
int inet_bind(struct endpoint *endpoint, const struct sockaddr *name, int length);
int inet_connect(struct endpoint *endpoint, const struct sockaddr *name, int length);
int inet_connect_outcome(struct endpoint *endpoint);
int inet_send(struct endpoint *endpoint,
              struct transfer *transfer,
              WSAOVERLAPPED *done);
int inet_receive(struct endpoint *endpoint,
                 struct transfer *transfer,
                 WSAOVERLAPPED *done);

int inet_check_name(const struct endpoint *endpoint,
                    const struct sockaddr *name,
                    int length,
                    int wrong_family);
int inet_name_length(const struct endpoint *endpoint);
bool inet_is_null_name(const struct sockaddr *name);
/* Whether two addresses of one family are the same, port included. */
bool inet_same_name(const struct sockaddr *a, const struct sockaddr *b);

#endif
