# JupyterLab with the kernel, the library and its notebooks:
#   docker build -t pepnet . && docker run --rm -p 8888:8888 pepnet
# The stage `environment` is what .devcontainer/devcontainer.json uses, which mounts the clone.
FROM node:22-bookworm-slim AS environment
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates git python3 python3-venv \
  && rm -rf /var/lib/apt/lists/*
RUN python3 -m venv /opt/jupyter && /opt/jupyter/bin/pip install --no-cache-dir \
  "jupyterlab>=4.4,<5" "jupyter_client>=8,<9" "jupyterlab_widgets>=3,<4" "anywidget>=0.9,<1" \
  && chown -R node:node /opt/jupyter
ENV PATH=/opt/jupyter/bin:$PATH CONDA_PREFIX=/opt/jupyter

FROM environment
WORKDIR /home/node/pepnet
COPY --chown=node:node . .
USER node
RUN sh binder/postBuild
EXPOSE 8888
CMD ["jupyter", "lab", "--ip=0.0.0.0", "--no-browser", "--MultiKernelManager.default_kernel_name=pepnet"]
