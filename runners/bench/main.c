/* wspbench: measures figures of subjects in turn and prints each round as a JSON line
 * on stdout. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUBJECTS_MAX 2

static const struct figure figures[] = {
    {"tcp4_64k_send_mb_per_s", throughput_round, 1024, 256, SOCK_STREAM, 0},
    {"tcp4_ping_pong_1_us", latency_round, 1000, 100, SOCK_STREAM, 1},
    {"tcp4_ping_pong_64_us", latency_round, 1000, 100, SOCK_STREAM, 64},
    {"udp4_ping_pong_1_us", latency_round, 1000, 100, SOCK_DGRAM, 1},
    {"udp4_ping_pong_64_us", latency_round, 1000, 100, SOCK_DGRAM, 64},
    {"connect_accept_close_us", connection_round, 200, 40, SOCK_STREAM, 0},
    {"event_of_10_us", event_round, 1000, 200, SOCK_STREAM, 10},
    {"event_of_1000_us", event_round, 1000, 200, SOCK_STREAM, 1000},
    {"event_of_5000_us", event_round, 1000, 0, SOCK_STREAM, 5000},
    {"recv_disconnect_us", recv_disconnect_round, 200, 50, SOCK_STREAM, 0},
    {"shutdown_us", shutdown_round, 200, 50, SOCK_STREAM, 0},
    {"isotp_8k_mb_per_s", iso_throughput_round, 4096, 1024, TYPE_ISO, 0},
    {"isotp_stream_8k_mb_per_s", iso_throughput_round, 4096, 1024, TYPE_ISO_STREAM, 0},
    {"isotp_idle_bytes", iso_idle_round, 1000, 250, TYPE_ISO, 0},
    {"idle_socket_bytes", idle_round, 2000, 500, SOCK_STREAM, 0},
};

struct order {
    bool brief;
    unsigned rounds;
    bool chosen[ARRAYSIZE(figures)];
    const char *names[SUBJECTS_MAX];
    unsigned name_count;
};

void give_up(const char *what, int error)
{
    fprintf(stderr, "wspbench: %s: error %d\n", what, error);
    exit(2);
}

double now(void)
{
    static LARGE_INTEGER frequency;
    LARGE_INTEGER ticks;

    if (!frequency.QuadPart)
        QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&ticks);
    return (double)ticks.QuadPart * 1e6 / (double)frequency.QuadPart;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double median(double *values, unsigned count)
{
    qsort(values, count, sizeof *values, compare);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

void *allocate(unsigned count, size_t size)
{
    void *memory = calloc(count, size);

    if (!memory)
        give_up("memory", (int)count);
    return memory;
}

static void measure(const struct subject *subject,
                    const struct figure *figure,
                    unsigned round,
                    bool brief)
{
    unsigned count = brief ? figure->brief : figure->count;

    if (!count)
        return;
    printf(
        "{\"figure\": \"%s\", \"subject\": \"%s\", \"round\": %u, \"value\": %.6g}\n",
        figure->name,
        subject->name,
        round,
        figure->round(subject, figure, count));
    fflush(stdout);
}

/* Subjects take turns within a round, and who is first changes with it. */
static void run(const struct order *order)
{
    struct subject subjects[SUBJECTS_MAX];

    for (unsigned i = 0; i < order->name_count; i++)
        subjects[i] = subject_load(order->names[i]);
    for (unsigned round = 0; round < order->rounds; round++) {
        for (unsigned i = 0; i < ARRAYSIZE(figures); i++) {
            for (unsigned j = 0; order->chosen[i] && j < order->name_count; j++)
                measure(&subjects[(round + j) % order->name_count],
                        &figures[i],
                        round,
                        order->brief);
        }
    }
    for (unsigned i = 0; i < order->name_count; i++)
        subject_unload(&subjects[i]);
}

static bool choose(struct order *order, const char *name)
{
    for (unsigned i = 0; i < ARRAYSIZE(figures); i++) {
        if (strcmp(figures[i].name, name) == 0)
            return order->chosen[i] = true;
    }
    return false;
}

static bool parse(struct order *order, char **arguments)
{
    for (; *arguments; arguments++) {
        if (strcmp(*arguments, "--brief") == 0) {
            order->brief = true;
        } else if (strcmp(*arguments, "--rounds") == 0 && arguments[1]) {
            order->rounds = strtoul(*++arguments, NULL, 10);
        } else if (strcmp(*arguments, "--figure") == 0 && arguments[1]) {
            if (!choose(order, *++arguments))
                return false;
        } else if (**arguments != '-' && order->name_count < SUBJECTS_MAX) {
            order->names[order->name_count++] = *arguments;
        } else {
            return false;
        }
    }
    return order->name_count > 0;
}

int main(int count, char **arguments)
{
    struct order order = {.rounds = 1};

    (void)count;
    if (!parse(&order, arguments + 1)) {
        fprintf(stderr,
                "usage: wspbench [--brief] [--rounds N] --figure NAME... SUBJECT...\n"
                "SUBJECT: bare (ws2_32 itself) or the path of a provider DLL\n"
                "NAME:");
        for (unsigned i = 0; i < ARRAYSIZE(figures); i++)
            fprintf(stderr, " %s", figures[i].name);
        fprintf(stderr, "\n");
        return 2;
    }
    run(&order);
    return 0;
}
