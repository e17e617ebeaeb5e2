/* Far ends and pairs. */
#include "bench.h"

SOCKET far_socket(int type, struct sockaddr_in *name)
{
    int length = sizeof *name;
    SOCKET s = socket(AF_INET, type, 0);

    *name = (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    if (s == INVALID_SOCKET || bind(s, (struct sockaddr *)name, sizeof *name) ||
        getsockname(s, (struct sockaddr *)name, &length) ||
        (type == SOCK_STREAM && listen(s, SOMAXCONN)))
        give_up("a socket for the far end", WSAGetLastError());
    return s;
}

SOCKET far_accept(SOCKET listener)
{
    SOCKET s = accept(listener, NULL, NULL);

    if (s == INVALID_SOCKET)
        give_up("accept at the far end", WSAGetLastError());
    return s;
}

static struct pair connect_datagrams(const struct subject *subject)
{
    struct pair pair = {.near_end = subject_socket(subject, SOCK_DGRAM)};
    struct sockaddr_in near_name = subject_bind(subject, pair.near_end), far_name;

    pair.far_end = far_socket(SOCK_DGRAM, &far_name);
    subject_connect(subject, pair.near_end, &far_name);
    if (connect(pair.far_end, (struct sockaddr *)&near_name, sizeof near_name))
        give_up("connect at the far end", WSAGetLastError());
    return pair;
}

struct pair connect_pair(const struct subject *subject, int type, SOCKET listener)
{
    struct sockaddr_in name;
    int length = sizeof name;

    if (type == SOCK_DGRAM)
        return connect_datagrams(subject);

    struct pair pair = {.near_end = subject_socket(subject, SOCK_STREAM)};
    if (getsockname(listener, (struct sockaddr *)&name, &length))
        give_up("getsockname at the far end", WSAGetLastError());
    subject_connect(subject, pair.near_end, &name);
    pair.far_end = far_accept(listener);
    return pair;
}

void close_pair(const struct subject *subject, struct pair pair)
{
    subject_close(subject, pair.near_end);
    closesocket(pair.far_end);
}
