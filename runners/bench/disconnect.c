/* Ending reception of a fresh connection: by WSPRecvDisconnect or by WSPShutdown. */
#include "bench.h"

#include <stdlib.h>

static int end_by_recv_disconnect(const struct subject *subject, SOCKET s, int *error)
{
    return subject->table.lpWSPRecvDisconnect(s, NULL, error);
}

static int end_by_shutdown(const struct subject *subject, SOCKET s, int *error)
{
    return subject->table.lpWSPShutdown(s, SD_RECEIVE, error);
}

static double measure(const struct subject *subject,
                      unsigned count,
                      int (*end)(const struct subject *, SOCKET, int *))
{
    /* A connection serves once, so they are made in advance of the calls. */
    struct pair *pairs = allocate(count, sizeof *pairs);
    double *times = allocate(count, sizeof *times);
    struct sockaddr_in name;
    SOCKET listener = far_socket(SOCK_STREAM, &name);
    int error = 0;

    for (unsigned i = 0; i < count; i++)
        pairs[i] = connect_pair(subject, SOCK_STREAM, listener);
    for (unsigned i = 0; i < count; i++) {
        double start = now();
        int result = end(subject, pairs[i].near_end, &error);
        times[i] = now() - start;
        if (result)
            give_up("ending reception", error);
    }
    double result = median(times, count);

    for (unsigned i = 0; i < count; i++)
        close_pair(subject, pairs[i]);
    closesocket(listener);
    free(times);
    free(pairs);
    return result;
}

double recv_disconnect_round(const struct subject *subject,
                             const struct figure *figure,
                             unsigned count)
{
    (void)figure;
    return measure(subject, count, end_by_recv_disconnect);
}

double shutdown_round(const struct subject *subject,
                      const struct figure *figure,
                      unsigned count)
{
    (void)figure;
    return measure(subject, count, end_by_shutdown);
}
