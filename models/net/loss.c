/* Both draws are made whatever they come to, so that one setting's probability
 * does not shift another's chance. */

#include "config.h"

#include "models/net/loss.h"

bool
hs_loss_draw(HsLoss *loss, HsRng *rng)
{
    double move = hs_rng_unit(rng), lose = hs_rng_unit(rng);

    if (loss->bad)
        loss->bad = !(move < loss->config.leave);
    else
        loss->bad = move < loss->config.enter;
    return lose < (loss->bad ? loss->config.loss_bad : loss->config.loss_good);
}
