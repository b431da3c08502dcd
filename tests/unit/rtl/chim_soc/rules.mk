# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# The soft core with the real firmware, at the engine's clock and at half of it.

# Builds tree images; shared with the tests of fw/ on the host.
$(B)/tests/fw/image.o: tests/unit/fw/image.c tests/unit/fw/image.h rtl/contract/chim_contract.h
	@mkdir -p $(@D)
	@$(CC) $(CHIM_CFLAGS) -Irtl/contract -Itests/unit/fw -c $< -o $@

# $(call soc_bench,NAME,CONNECTIONS,PARAMETERS[,soak])
define soc_bench
$(B)/vbench/$1/bench: $(FW_HEX) $(FW_STACK_H)
$(call chim_vbench,$1,chim_soc,$(SOC_FILES),$(d)/tb_chim_soc.cpp $(B)/tests/fw/image.o,\
  -GHexFile=\"$(FW_HEX)\" -GConns=$2 $3 \
  -DCONNS=$2 -I. -I$(d) -I$(B)/fw -Irtl/contract,timeout=120 $4)
endef
$(eval $(call soc_bench,chim_soc,1024,-GPaths=64 -GNeighbors=64))
$(eval $(call soc_bench,chim_soc-div2,4096,-GPaths=256 -GNeighbors=16 -GCoreDiv=2,soak))

# P10, with the core at the engine's clock, as chim_core has it, and at half of it. With the symbol
# list as second argument the program prints where the clocks go.
# $(call soc_figures,NAME,CORE_DIV)
define soc_figures
$(B)/vbench/$1/bench: $(FW_HEX)
$(eval $(call chim_vbench_rule,$1,chim_soc,$(SOC_FILES),$(d)/figures_soc.cpp \
  $(B)/tests/fw/image.o,-GHexFile=\"$(FW_HEX)\" -GConns=1024 -GPaths=64 -GNeighbors=64 \
  -GCoreDiv=$2 -DCORE_DIV=$2 -I. -I$(d) -Irtl/contract))
$(call chim_bench,$1,$(B)/vbench/$1/bench $(B)/bench/$1.json,$(B)/vbench/$1/bench)
endef
$(eval $(call soc_figures,figures_soc,1))
$(eval $(call soc_figures,figures_soc-div2,2))
