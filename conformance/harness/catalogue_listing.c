#include "catalogue_listing.h"

#include "guard.h"
#include "json_protocol.h"
#include "system_catalogue.h"

#include <stdio.h>

static void print(const WSAPROTOCOL_INFOW *info, const wchar_t *path)
{
    char buffer[8192] = "";
    struct text line = TEXT_IN(buffer);

    text_add(&line, "{");
    json_member(&line, "type", "catalogue");
    json_key(&line, "entry");
    text_add(&line, "{");
    json_protocol(&line, info);
    text_add(&line, "}");
    json_number(&line, "chain_length", info->ProtocolChain.ChainLen);
    json_wide(&line, "path", path);
    text_add(&line, "}");
    puts(line.start);
}

int catalogue_listing(void)
{
    char message[256] = "";
    struct text why = TEXT_IN(message);

    if (system_catalogue_each(print, &why))
        return EXIT_ALL_PASSED;
    fprintf(stderr, "wspcheck: %s\n", message);
    return EXIT_FATAL;
}
