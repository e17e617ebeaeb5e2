#include "wire_mark.h"

#include "json.h"
#include "running.h"

#include <string.h>

/* What a capture keeps of a packet. */
#define MARK_SIZE 1001

static SOCKET sending = INVALID_SOCKET;
static SOCKET receiving = INVALID_SOCKET;
static const char *nonce;
static const char *entry_id;
static const char *case_id;

static char buffer[MARK_SIZE];
static struct text mark_text;

bool wire_open(const char *address4, const char *given)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    DWORD patience = DEFAULT_WAIT_MS;
    int length = sizeof address;

    nonce = given;
    sending = socket(AF_INET, SOCK_DGRAM, 0);
    receiving = socket(AF_INET, SOCK_DGRAM, 0);
    return inet_pton(AF_INET, address4, &address.sin_addr) == 1 &&
           !bind(sending, (struct sockaddr *)&address, length) &&
           !bind(receiving, (struct sockaddr *)&address, length) &&
           !getsockname(receiving, (struct sockaddr *)&address, &length) &&
           !setsockopt(receiving,
                       SOL_SOCKET,
                       SO_RCVTIMEO,
                       (const char *)&patience,
                       sizeof patience) &&
           !connect(sending, (struct sockaddr *)&address, length);
}

bool wire_is_captured(void)
{
    return receiving != INVALID_SOCKET;
}

void wire_belongs_to(const char *entry, const struct case_row *row)
{
    entry_id = entry;
    case_id = row->id;
}

struct text *wire_mark(const char *mark)
{
    mark_text = (struct text)TEXT_IN(buffer);
    text_add(&mark_text, "{");
    json_number(&mark_text, "wspcheck", 1);
    if (nonce)
        json_member(&mark_text, "nonce", nonce);
    json_member(&mark_text, "entry", entry_id);
    json_member(&mark_text, "case", case_id);
    json_member(&mark_text, "mark", mark);
    return &mark_text;
}

/* What an earlier mark left behind, when it came too late, is passed over. */
static bool await_mark(void)
{
    char arrived[MARK_SIZE];
    int got;

    do
        got = recv(receiving, arrived, sizeof arrived, 0);
    while (got >= 0 && ((size_t)got != mark_text.size ||
                        memcmp(arrived, mark_text.start, mark_text.size) != 0));
    return got >= 0;
}

bool wire_mark_sent(void)
{
    text_add(&mark_text, "}");
    return mark_text.size + 1 < mark_text.capacity &&
           send(sending, mark_text.start, (int)mark_text.size, 0) ==
               (int)mark_text.size &&
           await_mark();
}
